#!/usr/bin/env node
// The command `manis`. See src/cli.
import { run } from './bootstrap.mjs';

run('src/cli/main.ts', process.argv.slice(2));
