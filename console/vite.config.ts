/**
 * How the console is built and tested. In: `index.html` and `src`. Out: `dist`, which the binary carries.
 *
 * `npm run dev` serves the sources beside a running `checkrein up` (`CHECKREIN_URL`, else the usual address); requests go
 * through to it as if they came from its own pages.
 */
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defaultClientConditions, defaultServerConditions, type Plugin, type Rolldown } from "vite";
import { defineConfig } from "vitest/config";

const target = process.env["CHECKREIN_URL"] ?? "http://localhost:7420";

/** The most that a browser loads before the first screen stands, compressed, in bytes. */
const FIRST_LOAD_MAX = 300_000;

/** Beside each file of text the packed forms that browsers take, so that the server packs nothing itself. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const sizes = new Map<string, number>();
        for (const [fileName, file] of Object.entries(bundle)) {
          const plain = Buffer.from(file.type === "chunk" ? file.code : file.source);
          sizes.set(fileName, plain.length);
          if (!/\.(?:js|css|html|svg)$/.test(fileName)) continue;
          const gzip = gzipSync(plain, { level: 9 });
          const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } });
          sizes.set(fileName, gzip.length);
          this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotli });
          this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzip });
        }
        const bytes = firstLoad(Object.values(bundle)).reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
        this.info(`first load: ${bytes} bytes compressed`);
        if (bytes > FIRST_LOAD_MAX) this.error(`the first load is ${bytes} bytes compressed: expected ${FIRST_LOAD_MAX} at most`);
      },
    },
  };
}

/** What the Now screen needs before it stands: its chunks with their styles, and the fonts. */
function firstLoad(files: readonly Rolldown.OutputBundle[string][]): readonly string[] {
  const chunks = new Map(files.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])));
  const needed = new Set<string>();
  const add = (name: string): void => {
    const chunk = chunks.get(name);
    if (chunk === undefined || needed.has(name)) return;
    needed.add(name);
    for (const style of chunk.viteMetadata?.importedCss ?? []) needed.add(style);
    for (const next of chunk.imports) add(next);
  };
  for (const chunk of chunks.values()) {
    if (chunk.isEntry || chunk.facadeModuleId?.endsWith("/src/now/screen.tsx") === true) add(chunk.fileName);
  }
  const fonts = files.filter((file) => file.fileName.endsWith(".woff2")).map((file) => file.fileName);
  return [...needed, ...fonts];
}

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { conditions: ["source", ...defaultClientConditions] },
  ssr: { resolve: { conditions: ["source", ...defaultServerConditions] } },
  build: {
    target: "baseline-widely-available",
    // `light-dark()` is left as it is: every browser with passkeys in this console knows it.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { port: 7430, strictPort: true, proxy: { "/v1": { target, changeOrigin: true, headers: { origin: target } } } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node", environmentOptions: { jsdom: { pretendToBeVisual: true } } },
});
