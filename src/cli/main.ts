#!/usr/bin/env node
// The command line. It works beside a running server or without one; results go to stdout, everything else to stderr.

import { boundHeapGrowth } from '../heap-growth.ts';
import { watchOutput } from './frame/output.ts';
import { runCommand } from './run.ts';

boundHeapGrowth();
watchOutput();
await runCommand(process.argv.slice(2));
