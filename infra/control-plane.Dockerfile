# Built from the top of the repository: docker build -f infra/control-plane.Dockerfile .
FROM node:24-bookworm-slim AS build
WORKDIR /towline
COPY . .
RUN npm install --no-audit --no-fund && npx turbo run build --filter=@towline/control-plane
RUN npm prune --omit=dev --omit=optional --workspace=@towline/control-plane --include-workspace-root

FROM node:24-bookworm-slim
ENV NODE_ENV=production
COPY --from=build --chown=node:node /towline /towline
# A volume takes over who owns the folder that it is mounted on.
RUN install -d -o node -g node -m 700 /var/lib/towline
USER node
WORKDIR /towline/apps/control-plane
CMD ["node", "dist/main.js"]
