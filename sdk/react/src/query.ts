// The three shapes of hooks: one thing, a listing a page at a time, and something that is done.

import type { Checkrein, Options, Page } from "@checkrein/sdk";
import {
  useInfiniteQuery, useMutation, useQuery, useQueryClient, type UseMutationResult, type UseQueryResult,
} from "@tanstack/react-query";
import { useMemo } from "react";

import { key, ROOT, type Subject } from "./keys.ts";
import { useCheckrein } from "./provider.tsx";

/** For one query. */
export interface QueryOptions {
  /** Whether to ask at all. `true` if not given. */
  readonly enabled?: boolean;
}

/** For one thing that changes without an entry in the journal. */
export interface OneOptions<T> extends QueryOptions {
  /** After how many milliseconds it is asked for again, when it was told so often; `false` for not at all. */
  readonly again?: (found: T | undefined, times: number) => number | false;
}

/** One thing. Kept new by events; errors are those of the client and are not tried again where the server refused. */
export function useOne<T>(
  name: readonly [Subject, ...unknown[]],
  ask: (client: Checkrein, options: Options) => Promise<T>,
  { enabled = true, again = () => false }: OneOptions<T> = {},
): UseQueryResult<T> {
  const client = useCheckrein();
  const [subject, ...rest] = name;
  return useQuery({ queryKey: key(subject, ...rest), queryFn: ({ signal }) => ask(client, { signal }), enabled, refetchInterval: (query) => again(query.state.data, query.state.dataUpdateCount) });
}

/** A listing, as far as it was read. */
export interface Listing<T> {
  readonly items: T[];
  /** Before the first page is there. */
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isReadingMore: boolean;
  readonly readMore: () => void;
  readonly again: () => void;
}

/** A listing, a page at a time: `ask` gets the part to read. */
export function usePages<T>(
  name: readonly [Subject, ...unknown[]],
  ask: (client: Checkrein, part: { after?: string }, options: Options) => Promise<Page<T>>,
  { enabled = true }: QueryOptions = {},
): Listing<T> {
  const client = useCheckrein();
  const [subject, ...rest] = name;
  const found = useInfiniteQuery({
    queryKey: key(subject, "pages", ...rest),
    queryFn: ({ signal, pageParam }) => ask(client, pageParam === undefined ? {} : { after: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled,
  });
  const items = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  return {
    items,
    isPending: found.isPending,
    error: found.error,
    hasMore: found.hasNextPage,
    isReadingMore: found.isFetchingNextPage,
    readMore: () => {
      if (found.hasNextPage && !found.isFetchingNextPage) void found.fetchNextPage({ cancelRefetch: false });
    },
    again: () => void found.refetch(),
  };
}

/**
 * Something that is done. Never tried again by itself. Afterwards everything that is shown is asked for again, for the line
 * to the server may be down.
 */
export function useAct<Input, Result>(
  act: (client: Checkrein, input: Input) => Promise<Result>,
): UseMutationResult<Result, Error, Input> {
  const client = useCheckrein();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => act(client, input),
    retry: false,
    onSettled: () => cache.invalidateQueries({ queryKey: [ROOT] }),
  });
}
