"""Addresses of orders."""

from django.urls import path

from orders.views import order

urlpatterns = [
    path("orders/", order.orders, name="orders"),
    path("orders/<int:pk>/", order.order, name="order"),
    path("orders/imports/", order.orders, name="order_imports"),
    path("orders/<int:pk>/reveal/", order.reveal, name="order_reveal"),
]
