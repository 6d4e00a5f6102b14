"""Addresses of orders."""

from django.urls import path

from orders.views import documents, follow_up, imports, notices, order, parcel, plans, public, stock

urlpatterns = [
    path("orders/", order.orders, name="orders"),
    path("orders/<int:pk>/", order.order, name="order"),
    path("orders/imports/", imports.runs, name="order_imports"),
    path("orders/imports/<int:pk>/", imports.run, name="order_import"),
    path("orders/imports/<int:pk>/for-real/", imports.for_real, name="order_import_for_real"),
    path("orders/imports/<int:pk>/rejected/", imports.rejected, name="order_import_rejected"),
    path("orders/<int:pk>/reveal/", order.reveal, name="order_reveal"),
    path("orders/<int:pk>/promises/", follow_up.new_promise, name="order_promise"),
    path("orders/<int:pk>/milestones/<slug:code>/done/", follow_up.done, name="order_step_done"),
    path("orders/plans/", plans.plans, name="order_plans"),
    path("orders/plans/edit/", plans.edit_plan, name="order_plan_edit"),
    path("parcels/<int:pk>/", parcel.parcel, name="parcel"),
    path("orders/<int:pk>/buyer-link/", notices.link, name="order_buyer_link"),
    path("orders/notices/", notices.notices, name="notices"),
    path("orders/notices/retry/", notices.retry, name="notices_retry"),
    path("orders/notices/shops/<int:pk>/", notices.settings_of_shop, name="notice_settings"),
    path("track/<str:token>", public.track, name="track"),
    path("track/stop/<str:token>", public.stop, name="stop_notices"),
    path("orders/<int:pk>/documents/", documents.add, name="order_documents"),
    path("orders/<int:pk>/documents/accept/", documents.accept, name="order_document_accept"),
    path("orders/<int:pk>/documents/<int:document>/file/", documents.file, name="order_document_file"),
    path("orders/<int:pk>/documents/<int:document>/withdraw/", documents.withdraw, name="order_document_withdraw"),
    path("stock/", stock.levels, name="stock"),
    path("stock/<int:pk>/", stock.article, name="stock_article"),
    path("stock/import/", stock.take_in, name="stock_import"),
    path("stock/import/rejected/<str:token>/", stock.rejected, name="stock_rejected"),
]
