/** The ES module entry of codexkit/testing: the same objects as the CommonJS one. */

export * from "./testing.js";
