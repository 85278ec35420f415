// Each test starts programs of its own; patience is due on a busy machine.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
