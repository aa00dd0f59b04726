# The image of docker-compose.yml. docs/how-to/run-in-production.md says which of its steps the tests run outside a
# container, and what no test runs.

ARG DEBIAN=bookworm

FROM rust:1.95-slim-${DEBIAN} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev libssl-dev make pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --features postgres,opentelemetry --bin attune
RUN deploy/assemble-image target/dist/attune /image

FROM debian:${DEBIAN}-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libpq5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /
ENV ATTUNE_LISTEN=0.0.0.0:8080 \
    ATTUNE_OPERATIONS_LISTEN=0.0.0.0:9090 \
    ATTUNE_LOG_FORMAT=json
EXPOSE 8080 9090
USER 10001:10001
# Fails here, and not at the first start, when the base lacks a library.
RUN ["attune", "--version"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["attune-healthy"]
ENTRYPOINT ["attune"]
CMD ["serve"]
