import react from '@vitejs/plugin-react';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * One configuration for the page, the headless command (`--ssr`) and the four test layers.
 * A test's file name says which layer it belongs to: `*.test.ts` needs nothing, `*.gpu.test.ts` a WebGPU
 * adapter, `*.python.test.ts` the Python environment, `*.browser.test.ts` a Chromium.
 */
export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  plugins: [react(), withoutPolicy(), ...(isSsrBuild === true ? [] : [offline()])],
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    ...(isSsrBuild === true ? { copyPublicDir: false } : {}),
  },
  test: {
    pool: 'forks',
    projects: [
      layer('unit', ['tests/**/*.test.ts'], ['tests/**/*.{gpu,python,browser}.test.ts'], 30_000, true),
      layer('gpu', ['tests/**/*.gpu.test.ts'], [], 300_000, false),
      layer('python', ['tests/**/*.python.test.ts'], [], 300_000, false),
      layer('browser', ['tests/**/*.browser.test.ts'], [], 600_000, false),
    ],
  },
}));

/** The development server works with inline scripts and styles, which the page's own policy forbids. */
function withoutPolicy(): Plugin {
  return {
    name: 'no content security policy in development',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
  };
}

const SERVICE_WORKER = 'serviceWorker.js';

/**
 * Builds the service worker beside the page and writes into it what it keeps: every file of the build with its SHA-256.
 * By hand, because the usual plugin brings three hundred packages, two more bundlers among them, for this one list.
 */
function offline(): Plugin {
  return {
    name: 'service worker',
    apply: 'build',
    config: () => ({
      build: {
        rolldownOptions: {
          input: { index: 'index.html', serviceWorker: 'src/serviceWorker/serviceWorker.ts' },
          // Its folder bounds what it serves, and its name must never change.
          output: {
            entryFileNames: ({ name }) =>
              name === 'serviceWorker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
          },
        },
      },
    }),
    writeBundle: {
      order: 'post',
      sequential: true,
      handler({ dir = 'dist' }) {
        const paths = readdirSync(dir, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) =>
            join(entry.parentPath, entry.name).slice(join(dir, '/').length).replaceAll('\\', '/'),
          )
          .filter((path) => path !== SERVICE_WORKER)
          .sort();
        const files = paths.map((path) => {
          const hash = createHash('sha256').update(readFileSync(join(dir, path)));
          return [path === 'index.html' ? '' : path, hash.digest('base64')] as const;
        });
        const worker = join(dir, SERVICE_WORKER);
        const list = JSON.stringify(Object.fromEntries(files));
        writeFileSync(worker, `const FILES=${list};${readFileSync(worker, 'utf8')}`);
      },
    },
  };
}

function layer(name: string, include: string[], exclude: string[], testTimeout: number, parallel: boolean) {
  return {
    extends: true as const,
    test: {
      name,
      include,
      exclude: [...exclude, 'node_modules/**'],
      testTimeout,
      hookTimeout: testTimeout,
      fileParallelism: parallel,
    },
  };
}
