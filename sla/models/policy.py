"""Policies in immutable versions."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Policy(models.Model):
    """A named set of promises. The newest version of the one called "default" counts for new tickets."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """What a policy says, for good: a change is a new version (a trigger refuses edits), and a clock keeps the version
    it was opened under. `rules` and `ladder` are described in sla.policies and sla.ladder."""

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    rules = models.JSONField()
    ladder = models.JSONField()
    published_at = models.DateTimeField(db_default=Now())
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number")]

    def __str__(self) -> str:
        return f"policy {self.policy_id}, version {self.number}"
