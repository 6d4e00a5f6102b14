"""Reply templates 话术."""

from django.db import models


class Template(models.Model):
    """A text to start a reply from, in one language; {named} gaps are filled with the order's facts."""

    code = models.SlugField()
    language = models.CharField(max_length=16)
    name = models.CharField(max_length=80)
    anomaly_code = models.SlugField(
        max_length=40, blank=True, help_text="Offered first on tickets raised by this anomaly."
    )
    kind = models.CharField(max_length=16, blank=True)
    body = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "language"], name="template_per_language")]
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name
