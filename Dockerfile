# opsh in an ops container. The last stage is built on your application's image, since its tools (rails) are what opsh runs:
#
#   docker build --build-arg BASE=your-app-image --build-arg POLICY=policy.toml -t ops .
#
# The build stops when the policy, or the image under it, is not as opsh wants them.

ARG GO_IMAGE=golang:1.26-bookworm
ARG BASE=debian:bookworm-slim

FROM ${GO_IMAGE} AS build
WORKDIR /src
ARG GOPROXY
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY policy policy
COPY shell shell
ARG VERSION=development
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/ ./cmd/opsh ./cmd/opsh-exec ./cmd/opsh-watch ./cmd/opshd

# Only the binaries: for those who copy them into an image of their own.
FROM scratch AS binaries
COPY --from=build /out/opsh /out/opsh-exec /out/opsh-watch /out/opshd /

FROM ${BASE} AS ops
# script, cat and sh are the agent's: it writes the session log with them, and says nothing when they are missing.
RUN missing=; \
    for p in bsdutils coreutils dash; do \
      dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"; \
    done; \
    [ -x /usr/bin/mysql ] || missing="$missing default-mysql-client"; \
    if [ -n "$missing" ]; then \
      apt-get update && apt-get install -y --no-install-recommends $missing && rm -rf /var/lib/apt/lists/*; \
    fi
# The tools' users, by the policy's user = "…". Nothing else in the container may run as one of them.
ARG USERS=ops
RUN for u in ${USERS}; do \
      id "$u" >/dev/null 2>&1 || useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$u"; \
    done
COPY --from=build /out/opsh /out/opsh-exec /out/opsh-watch /out/opshd /usr/local/bin/
ARG POLICY=policy.example.toml
COPY ${POLICY} /etc/opsh/policy.toml
RUN chown root:root /etc/opsh /etc/opsh/policy.toml && chmod 755 /etc/opsh && chmod 644 /etc/opsh/policy.toml \
 && install -d -o root -g root -m 700 /var/lib/opsh
# USER and SHELL stay as they are: the agent starts opsh as root whatever USER says, and uploads an empty log when SHELL is opsh.
RUN opsh -t
# The container's first process, so that nobody in it can stop it: of what ECS Exec starts it lets opsh run and nothing else. The container's own
# command, if it has one, goes behind it. Leave initProcessEnabled out of the task definition: opshd collects what is left behind itself.
ENTRYPOINT ["/usr/local/bin/opshd", "--"]
