# The service in a container: docs/containers.md says how to build and run it.
FROM python:3.11-slim-bookworm AS build

WORKDIR /source
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY docs docs
COPY src src
RUN python -m venv /opt/feelscope \
    && /opt/feelscope/bin/pip install --no-cache-dir --no-compile ".[serve]" \
    && /opt/feelscope/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm

LABEL org.opencontainers.image.title="Feelscope" \
      org.opencontainers.image.description="Reads how people feel from what they post, over HTTP." \
      org.opencontainers.image.licenses="Apache-2.0"

RUN groupadd --system --gid 10001 feelscope \
    && useradd --system --uid 10001 --gid feelscope --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin feelscope

COPY --from=build /opt/feelscope /opt/feelscope

ENV PATH="/opt/feelscope/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

USER 10001:10001
WORKDIR /tmp
EXPOSE 8080
STOPSIGNAL SIGTERM

# Not through a proxy of the environment, and without curl, which is not there.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client; asked = http.client.HTTPConnection('127.0.0.1', 8080, timeout=4); asked.request('GET', '/healthz'); raise SystemExit(asked.getresponse().status != 200)"]

# Other machines may ask, so it needs FEELSCOPE_API_KEYS; without, it ends at once and says so.
ENTRYPOINT ["feelscope"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
