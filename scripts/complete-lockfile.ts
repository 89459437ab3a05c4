/**
 * `node --import tsx scripts/complete-lockfile.ts`: run it after every `npm install`. It describes every
 * platform's packages in the lock files, downloads nothing, and changes nothing when nothing is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { completed, type LockFile, missingPlatformPackages } from './checks/lock-file.ts';

for (const file of ['package-lock.json', 'test/tools/package-lock.json']) {
  const lock: LockFile = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingPlatformPackages(lock).length;
  if (missing > 0) writeFileSync(file, `${JSON.stringify(completed(lock), null, 2)}\n`);
  console.log(`${file}: ${missing} platform packages added`);
}
