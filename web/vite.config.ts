/// <reference types="vitest/config" />
import { defineConfig, loadEnv } from "vite";

const paths = [
  "/runs",
  "/views",
  "/around",
  "/incidents",
  "/explain",
  "/what-if",
  "/scenarios",
  "/raster",
  "/events",
  "/tiles",
  "/layers",
  "/city",
  "/search",
  "/regions",
  "/ogc",
  "/healthz",
  "/readyz",
  "/docs",
];

export default defineConfig(({ mode }) => {
  /** The service that the development server passes requests to. */
  const service = loadEnv(mode, ".", "ONEMAP_")["ONEMAP_SERVICE"] ?? "http://127.0.0.1:8000";
  return {
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      target: "es2022",
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 400,
      license: { fileName: "licences.md" },
    },
    worker: { format: "es" },
    // The tests read the colours of the style sheets.
    test: { css: true },
    server: {
      host: "127.0.0.1",
      proxy: Object.fromEntries(paths.map((path) => [path, service])),
    },
  };
});
