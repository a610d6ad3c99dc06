# syntax-free on purpose: builds with any engine, also one that reaches no registry.
# Base images are build arguments; nothing here names a package index.
ARG GO_IMAGE=golang:1.26-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=container
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/hotcell ./cmd/hotcell

FROM ${BASE_IMAGE} AS python
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv
COPY pyworker/requirements.lock /tmp/requirements.lock
# pip stays in an environment of its own, which the final image does not get.
RUN python3 -m venv /tmp/tools && python3 -m venv --without-pip /opt/hotcell/python \
 && /tmp/tools/bin/python -m pip --python /opt/hotcell/python/bin/python install --no-cache-dir --no-compile \
      --require-hashes --only-binary :all: -r /tmp/requirements.lock \
 && /opt/hotcell/python/bin/python -m compileall -q -j 0 /opt/hotcell/python/lib

FROM ${BASE_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
COPY --from=python /opt/hotcell/python /opt/hotcell/python
COPY --from=build /out/hotcell /usr/local/bin/hotcell
ENV HOTCELL_LISTEN=0.0.0.0:8080 HOTCELL_PYTHON=/opt/hotcell/python
EXPOSE 8080
# Run it with these privileges and no others, never with --privileged:
#   docker run --init --read-only --tmpfs /tmp --tmpfs /run --cap-drop ALL --cap-add SETUID --cap-add SETGID \
#     --security-opt no-new-privileges --security-opt seccomp=deploy/seccomp.json -p 127.0.0.1:8080:8080 \
#     -v "$PWD/keys.yaml:/etc/hotcell/keys.yaml:ro" -e HOTCELL_KEYS=/etc/hotcell/keys.yaml hotcell
# It listens for the whole container's network, and so wants keys (docs/keys.md);
# -e HOTCELL_OPEN_TO_ALL=yes in their place says that whoever reaches it may run scripts.
# Limits of memory, processes and CPU need cgroups that hotcell may write: mount a
# delegated subtree at /sys/fs/cgroup, or say in so many words that these layers
# may be missing: -e HOTCELL_ALLOW_MISSING=cgroup-memory,cgroup-pids,cgroup-cpu
HEALTHCHECK --start-period=20s CMD ["/opt/hotcell/python/bin/python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz')"]
ENTRYPOINT ["hotcell"]
CMD ["serve"]
