#!/usr/bin/env node
// The command `manis`. See src/cli.
import { run } from './bootstrap.mjs';
import { ensureConsole } from './console.mjs';

const args = process.argv.slice(2);
// Nobody who lists processes is to see a secret; as in src/cli/process-title.ts, which says more.
const TOKEN = /^mn[a-z]_/;
const SECRET_FLAG = /^--(?:[a-z-]+-)?(?:token|secret|password|pin)(?:=|$)/;
const COMMAND_WORD = /^[a-z][a-z-]*$/;
if (args.some((word) => TOKEN.test(word) || SECRET_FLAG.test(word)))
  process.title = [
    'manis',
    ...args.slice(
      0,
      args.findIndex((word) => !COMMAND_WORD.test(word)),
    ),
  ].join(' ');
// Those that run a control node, which serves it.
if (args[0] === 'up' || args[0] === 'control') ensureConsole();
run('src/cli/main.ts', args);
