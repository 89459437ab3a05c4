/**
 * The first file that every `npm` command of this repository runs: `node scripts/run.mjs <word> [arguments]`.
 *
 * It uses nothing but Node, asks nothing, and may be the very first thing to run in a fresh clone: it installs
 * when the lock file changed, builds when the sources changed, and hands over to the program behind the word.
 * The version check comes before every other import, because those may need what an old Node lacks.
 */
const NODE_FLOOR = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor < NODE_FLOOR[1])) {
  console.error(
    `tandem needs Node ${NODE_FLOOR.join('.')} or newer, found ${process.versions.node}.\n` +
      'Install Node 24 LTS from nodejs.org or with your version manager, then run the same command again.',
  );
  process.exit(1);
}

const { launch } = await import('./launch/launch.mjs');
await launch(process.argv.slice(2));
