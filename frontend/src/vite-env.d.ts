/// <reference types="vite/client" />
import "react";

declare module "react" {
  // Custom properties are part of CSS; React's types leave them out. Merging needs an interface.
  // eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style
  interface CSSProperties {
    [name: `--${string}`]: string | number | undefined;
  }
}
