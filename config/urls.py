"""Routes: the admin here, everything readers see in ``dashboard.urls``."""

from django.contrib import admin
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path(
        "set-password/<uidb64>/<token>/",
        PasswordResetConfirmView.as_view(
            success_url=reverse_lazy("admin:index"),
            post_reset_login=True,
            post_reset_login_backend="django.contrib.auth.backends.ModelBackend",
            title="Choose a password",
        ),
        name="set-password",
    ),
    path("admin/", admin.site.urls),
    path("", include("dashboard.urls")),
]

handler404 = "dashboard.views.errors.page_not_found"
handler500 = "dashboard.views.errors.server_error"
