/** The ES module entry: the same objects as the CommonJS one, so that there is one copy of every class. */

export * from "./index.js";
