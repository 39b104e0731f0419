import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * One configuration for the page, the headless command (`--ssr`) and the four test layers.
 * A test's file name says which layer it belongs to: `*.test.ts` needs nothing, `*.gpu.test.ts` a WebGPU
 * adapter, `*.python.test.ts` the Python environment, `*.browser.test.ts` a Chromium.
 */
export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  plugins: [react(), withoutPolicy()],
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
