"""What embedded servers say when they can't run."""


class EmbeddedError(RuntimeError):
    """An embedded server can't run here; the text is for a person and ends with the remedy or the log's last lines."""
