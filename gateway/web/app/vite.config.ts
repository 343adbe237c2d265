import {fileURLToPath} from 'node:url';

import react from '@vitejs/plugin-react';
import {defineConfig} from 'vite';

import {finish} from './tools/finish.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The hub that `vite` and `vite preview` pass calls on to: FAIRLEAD_URL, else the default one.
const hub = process.env['FAIRLEAD_URL'] ?? 'http://localhost:7420';
// What a page of this app may do; gateway/web/app_files.cc says the same where it is served.
const policy = [
  "default-src 'none'", "script-src 'self'", "connect-src 'self'", "style-src 'self'",
  "img-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');
const proxy = Object.fromEntries(
  ['^/fairlead\\.', '^/events$', '^/(style\\.css|icon\\.svg|sign-in|join|es/.*)$']
    .map((paths) => [paths, {target: hub, changeOrigin: false}]));

export default defineConfig({
  base: '/app/',
  plugins: [react(), finish()],
  resolve: {alias: {'fairlead-lib': here('../lib/src/index.ts')}},
  build: {
    outDir: process.env['FAIRLEAD_APP_OUT'] ?? here('../../../build/web'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,  // the policy allows no data: address
    modulePreload: {polyfill: false},
    sourcemap: false,
  },
  server: {proxy, fs: {allow: [here('..')]}},
  preview: {proxy, headers: {'content-security-policy': policy}},
});
