// The engine shares two cores with everything else, so that patience is due.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
