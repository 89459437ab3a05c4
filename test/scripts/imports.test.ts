import { describe, expect, test } from 'vitest';
import { COMPUTED, importsOf } from '../../scripts/checks/imports.ts';

/** A placeholder in a template of the scanned source. */
const hole = (code: string): string => `\${${code}}`;

const specifiers = (source: string): string[] => importsOf(source).map(({ specifier }) => specifier);

describe('import scanner', () => {
  test.each([
    ['a default import', "import a from './x.ts';"],
    ['names over several lines', "import {\n  a,\n  type B as C,\n} from './x.ts';"],
    ['a default and names', "import a, { b } from './x.ts';"],
    ['a namespace', "import * as a from './x.ts';"],
    ['types only', "import type { A } from './x.ts';"],
    ['a name called from', "import { from } from './x.ts';"],
    ['a default called type', "import type from './x.ts';"],
    ['a side effect', 'import "./x.ts";'],
    ['an attribute', "import a from './x.ts' with { type: 'json' };"],
    ['an import assignment', "import a = require('./x.ts');"],
    ['a re-export', "export { a, b as c } from './x.ts';"],
    ['a re-export of everything', "export * from './x.ts';"],
    ['a re-export under a name', "export * as a from './x.ts';"],
    ['a re-export of types', "export type { A } from './x.ts';"],
    ['a dynamic import', "const a = await import('./x.ts');"],
    ['a dynamic import of plain template text', 'await import(`./x.ts`);'],
    ['a type that names its module', "let a: import('./x.ts').A;"],
    ['an import inside a template', `const a = \`${hole("await import('./x.ts')")}\`;`],
    ['an import after a regular expression with a quote', "const a = /'/;\nimport b from './x.ts';"],
    ['an import after a division', "const a = b / c / d; import e from './x.ts';"],
    ['an import after a template with a quote', `const a = \`it's ${hole('b')} 'x\`;\nimport c from './x.ts';`],
    ['an import after an escaped quote', "const a = 'it\\'s';\nimport b from './x.ts';"],
  ])('sees %s', (_what, source) => {
    expect(specifiers(source)).toEqual(['./x.ts']);
  });

  test.each([
    ['a line comment', "// import a from './x.ts';"],
    ['a block comment', "/* import a from './x.ts'; */"],
    ['a string', `const a = "import b from './x.ts'";`],
    ['a template', "const a = `import b from './x.ts'`;"],
    ['an exported constant', "export const from = './x.ts';"],
    ['an exported type', "export type A = 'from' | './x.ts';"],
    ['a local export list', "export { a };\nconst b = './x.ts';"],
    ['the module itself', "import.meta.resolve('./x.ts');"],
    ['a method called import', "loader.import('./x.ts');"],
  ])('does not see %s', (_what, source) => {
    expect(specifiers(source)).toEqual([]);
  });

  test('reports a computed name as computed', () => {
    expect(specifiers(`await import(name); await import(\`./${hole('name')}.ts\`);`)).toEqual([COMPUTED, COMPUTED]);
  });

  test('gives the line on which a statement starts', () => {
    expect(importsOf("/* one\ntwo */\n`three\nfour`;\nimport {\n  a,\n} from './x.ts';")[0]?.line).toBe(5);
  });
});
