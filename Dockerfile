# The image of every process: web, worker, beat and the one-shot migration differ only in their command.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /app
COPY requirements.lock ./
# Only what the lock names, byte for byte.
RUN python3 -m venv /venv && /venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# Static files are collected here, so that the running container needs to write nothing but /data.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/static /venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build

FROM ${BASE}
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data STATIC_ROOT=/static
# Link previews are drawn here, and letters need a font.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --home-dir /nonexistent app \
    && install -d -o app -g app -m 0700 /data
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000"]
