// One store semantics: MongoDB, the records that read ahead and those of a simulation answer alike.

import { describe } from '@jest/globals';
import { IMPLEMENTATIONS } from './implementations.ts';
import { recordsConformance } from './suite.ts';

for (const implementation of IMPLEMENTATIONS) describe(implementation.name, () => recordsConformance(implementation));
