"""Plain data pages for superusers; the desk itself has its own."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ticketdesk.accounts.models import ApiKey, Membership, Reveal, Shift, Team, User


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user", "team")


class ShiftInline(admin.TabularInline):
    model = Shift
    extra = 0


@admin.register(User)
class PersonAdmin(UserAdmin):
    ordering = ("name",)
    list_display = ("name", "email", "role", "available", "is_active")
    list_filter = ("role", "is_active", "teams")
    search_fields = ("name", "email")
    add_form = PersonCreationForm
    add_fieldsets = ((None, {"fields": ("email", "name", "role", "usable_password", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "role")}),
        (_("Work"), {"fields": ("available", "capacity", "skills", "languages")}),
        (_("Preferences"), {"fields": ("language", "timezone")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    inlines = (MembershipInline, ShiftInline)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ("name", "code", "department", "head")
    list_filter = ("department",)
    search_fields = ("name", "code")
    autocomplete_fields = ("head",)
    inlines = (MembershipInline,)


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at, never to change: these rows are written by services alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "prefix", "user", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    exclude = ("secret_hash",)


@admin.register(Reveal)
class RevealAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "subject_type", "subject_id", "fields", "reason")
    list_select_related = ("user",)
    search_fields = ("user__email", "reason")
    date_hierarchy = "at"
