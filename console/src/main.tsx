// Where the console begins.

import { CheckreinError, Problem } from "@checkrein/sdk";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { router } from "./router.tsx";
import { SESSION } from "./shell/session.tsx";
import "./styles/tokens.css";
import "./styles/base.css";

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the server refused it refuses again; a lost connection may come back.
      retry: (failures, error) => failures < 3 && error instanceof CheckreinError && !(error instanceof Problem),
    },
  },
});

// A session that ended while somebody looks: ask who it is, which leads to the login.
cache.getQueryCache().subscribe((event) => {
  const error: unknown = event.type === "updated" && event.action.type === "error" ? event.action.error : undefined;
  if (error instanceof Problem && error.status === 401) void cache.invalidateQueries({ queryKey: SESSION });
});

const place = document.getElementById("root");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={cache}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
