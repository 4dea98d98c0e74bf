"""Routes: the admin here, everything readers see in ``dashboard.urls``."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("dashboard.urls")),
]

admin.site.site_title = admin.site.site_header = "Capability per Dollar"
