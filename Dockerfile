# syntax=docker/dockerfile:1
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
COPY scripts scripts
COPY console console
RUN npm run build

FROM node:${NODE_VERSION}-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:${NODE_VERSION}-slim
# Files that the server writes go below /data, so that the rest can be read-only.
ENV NODE_ENV=production \
    NODE_OPTIONS=--enable-source-maps \
    DATA_DIR=/data \
    BATCH_DIR=/data/batch \
    IMPORT_DIR=/data/import
WORKDIR /app
COPY package.json LICENSE ./
COPY scim-schemas scim-schemas
COPY assets assets
# The troubleshooting page, which the server shows.
COPY docs/troubleshooting.md docs/
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/console dist/console
# The command line: `docker compose exec server mobietrain account list`.
RUN chmod 755 dist/src/cli/main.js \
    && ln -s /app/dist/src/cli/main.js /usr/local/bin/mobietrain \
    && install -d -m 0700 -o 1000 -g 1000 /data /data/batch /data/import
# By number, so that Kubernetes can check that it is not root.
USER 1000:1000
VOLUME ["/data"]
EXPOSE 3000
# Liveness only: while the database is away, restarting the server would help nobody.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The image carries no mongod: MONGODB_URI names the replica set.
CMD ["node", "dist/src/main.js"]
