/** Builds the console, the browser application that control serves: `dist/console`, each text file compressed beside it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(root, 'dist', 'console');
const COMPRESSED = /\.(js|css|html|svg|json)$/;
/** Below this a compressed copy saves no packet. */
const COMPRESS_FROM_BYTES = 1024;

await build({
  configFile: false,
  root: join(root, 'src', 'dashboard'),
  base: '/console/',
  logLevel: 'warn',
  plugins: [react(), tailwind()],
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2023',
    // The page may run no script of its own and load no data: URL as one.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});

for (const name of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
  if (!COMPRESSED.test(name) || name === 'index.html') continue;
  const path = join(outDir, name);
  const bytes = readFileSync(path);
  if (bytes.length < COMPRESS_FROM_BYTES) continue;
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
