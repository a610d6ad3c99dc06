# hotcell in a container. docs/container.md says how to run it, and with which
# privileges. With BuildKit and a registry it builds as it stands. Without a
# registry, pass base images and indexes as build arguments, and a CA and pip's
# configuration as secrets:
#   docker build -t hotcell \
#     [--build-arg BASE_IMAGE=… --build-arg PYTHON_IMAGE=… --build-arg GO_IMAGE=… --build-arg GOPROXY=…] \
#     [--secret id=ca,src=/etc/ssl/certs/ca-certificates.crt] [--secret id=pip,src=pip.conf] .
ARG BASE_IMAGE=debian:trixie-slim
# An image with pip, venv and Debian's package "locales"; they are installed if it has none.
ARG PYTHON_IMAGE=${BASE_IMAGE}
ARG GO_IMAGE=golang:1.26-trixie

# BuildKit skips this stage, which nothing needs. The builder before it begins here,
# prints this line, and ends with Docker's own words about BuildKit.
FROM scratch AS buildkit
RUN --mount=type=secret,id=none "This build needs BuildKit: DOCKER_BUILDKIT=1 docker build …; Docker 23 and newer have it in a package, docker-buildx or docker-buildx-plugin."

FROM ${GO_IMAGE} AS build
WORKDIR /src
ARG GOPROXY
COPY go.mod go.sum ./
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt go mod download
COPY . .
ARG VERSION=container
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X github.com/hotcell/hotcell/internal/cli.version=${VERSION}" -o /out/hotcell ./cmd/hotcell

FROM ${PYTHON_IMAGE} AS python
RUN python3 -c 'import ensurepip' 2>/dev/null || { apt-get update && apt-get install -y --no-install-recommends python3 python3-venv; }
COPY tools/locales /tmp/locales
RUN test -e /usr/share/i18n/locales/de_DE || { apt-get update && apt-get install -y --no-install-recommends locales; }; /tmp/locales
COPY tools/requested pyworker/requirements.lock /tmp/
# pip has an environment of its own, which the final image does not contain.
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt --mount=type=secret,id=pip,target=/etc/pip.conf \
    python3 -m venv /tmp/tools && python3 -m venv --without-pip /opt/hotcell/python \
 && /tmp/tools/bin/python -m pip --python /opt/hotcell/python/bin/python install --no-cache-dir --no-compile \
      --require-hashes --only-binary :all: -r /tmp/requirements.lock \
 && /tmp/requested /tmp/requirements.lock >/opt/hotcell/python/hotcell-packages.txt \
 && SOURCE_DATE_EPOCH=1 /opt/hotcell/python/bin/python -m compileall -q -j 0 /opt/hotcell/python/lib
COPY go.mod tools/sbom.py /tmp/
RUN /opt/hotcell/python/bin/python /tmp/sbom.py /tmp/go.mod /opt/hotcell/python > /opt/hotcell/sbom.json

FROM ${BASE_IMAGE}
RUN command -v python3 >/dev/null || { apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*; }
COPY --from=python /usr/lib/locale /usr/lib/locale
COPY --from=python /opt/hotcell /opt/hotcell
COPY --from=build /out/hotcell /usr/local/bin/hotcell
ARG VERSION=container
ARG REVISION=unknown
LABEL org.opencontainers.image.title="hotcell" org.opencontainers.image.description="runs untrusted Python in warm, single-use jails" \
      org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
ENV HOTCELL_LISTEN=0.0.0.0:8080 HOTCELL_PYTHON=/opt/hotcell/python HOTCELL_STATE_DIR=/tmp/hotcell HOTCELL_JOBS_DIR=/var/lib/hotcell/jobs
# Whichever user the container has: root in it need not have CAP_DAC_OVERRIDE.
RUN install -d -m 1777 /var/lib/hotcell
VOLUME /var/lib/hotcell
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=20s CMD ["/opt/hotcell/python/bin/python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz')"]
ENTRYPOINT ["hotcell"]
CMD ["serve"]
