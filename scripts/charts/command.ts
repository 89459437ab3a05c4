/** What writes the documents of the charts: named in each of them and by the check that compares them. */
export const COMMAND = 'npm run docs:statecharts';
