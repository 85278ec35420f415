/** The package's version. tests/node/package.test.ts compares it with package.json. */

/** The version of this package. */
export const version = "0.1.0";
