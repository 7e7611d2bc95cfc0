# Build: docker build -t outcomes-ledger .
# Run:   docs/reference/settings.md lists the variables; DATABASE_URL is needed, and
#        `docker run ... outcomes-ledger migrate` before the first start of each release.

FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/outcomes
COPY requirements.lock ./
RUN /opt/outcomes/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements.lock
# The tool that builds the package stays behind in this stage.
COPY requirements-build.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements-build.lock
COPY pyproject.toml LICENSE ./
COPY app app
COPY migrations migrations
COPY examples examples
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . && \
    /opt/outcomes/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps *.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/outcomes --create-home outcomes
COPY --from=build /opt/outcomes /opt/outcomes
ENV PATH=/opt/outcomes/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OUTCOMES_HOST=0.0.0.0 \
    OUTCOMES_PORT=8000 \
    OUTCOMES_VAR_DIR=/var/lib/outcomes
USER 10001
WORKDIR /var/lib/outcomes
VOLUME /var/lib/outcomes
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"OUTCOMES_PORT\"]}/health', timeout=4)"]
ENTRYPOINT ["outcomes"]
CMD ["serve"]
