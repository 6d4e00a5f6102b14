"""Wrong item: the buyer has got something else, or not all of it."""

from orders.detectors.base import ReportedDetector, gettext_noop


class WrongItem(ReportedDetector):
    """A buyer or a program reports it, of a parcel or of the order. It ends when somebody resolves it."""

    code = "wrong_item"
    title = gettext_noop("Wrong or missing item")
    department = "warehouse"
    grade = 2
