# One image for web, workers, beat, ticker and one-shot commands; docker-compose.yml says which runs what.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install -r /requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=ticketdesk.settings \
    VAR_DIR=/var/lib/ticketdesk
RUN useradd --system --uid 10001 --user-group --home-dir /app ticketdesk \
    && install -d -o ticketdesk -g ticketdesk -m 750 /var/lib/ticketdesk
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Collecting reads settings but no data: the values below live in this one command only.
RUN SECRET_KEY=build DATABASE_URL=postgresql:///build REDIS_URL=redis://build \
    PII_KEYS=k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= PII_INDEX_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    python manage.py collectstatic --noinput --verbosity 0 --ignore redoc --ignore rest_framework \
    && python -m compileall -q ticketdesk orders tickets sla
USER ticketdesk
VOLUME /var/lib/ticketdesk
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 CMD ["python", "-m", "ticketdesk.probe"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--http", "1", "--no-ws", \
     "--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "20", "--respawn-failed-workers", \
     "--log-level", "warning", "ticketdesk.wsgi:application"]
