# Slipway's production image: one for the web process, the worker and the scheduler.
# docker-compose.yml says how the three are started and what they need.

FROM node:22-slim AS spa
WORKDIR /src
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    SLIPWAY_DATA_DIR=/var/lib/slipway
WORKDIR /opt/slipway

# Numbers that stay the same from build to build: volumes keep their owner.
RUN groupadd --gid 10001 slipway \
    && useradd --uid 10001 --gid slipway --home-dir /var/lib/slipway --create-home slipway

COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY . .
COPY --from=spa /src/dist frontend/dist
# The production settings refuse to load without their values. These exist for this one command,
# name no real service, and are in no layer's environment.
RUN SLIPWAY_SECRET_KEY=build SLIPWAY_ENCRYPTION_KEYS=build \
    SLIPWAY_DATABASE_URL=postgres://build SLIPWAY_REDIS_URL=redis://build \
    python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir -p /var/lib/slipway/bundles \
    && chown -R slipway:slipway /var/lib/slipway

USER slipway
# Not all of the data directory: its static files belong to the image and change with it.
VOLUME /var/lib/slipway/bundles
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--lifespan", "off", "--no-access-log", "--proxy-headers", "--timeout-graceful-shutdown", "15"]
