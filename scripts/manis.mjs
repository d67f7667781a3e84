#!/usr/bin/env node
// The command `manis`. See src/cli.
import { run } from './bootstrap.mjs';
import { ensureConsole } from './console.mjs';

const args = process.argv.slice(2);
// Those that run a control node, which serves it.
if (args[0] === 'up' || args[0] === 'control') ensureConsole();
run('src/cli/main.ts', args);
