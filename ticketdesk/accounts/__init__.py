"""People: who signs in, in which team, at which hours, with which keys; and the sealing of personal data."""
