/**
 * The way into the store: {@code PUT} and {@code DELETE /content/PATH} and the listing of the catalogue, all with a token. A body goes
 * to disk as it arrives and is never held whole.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.origin.ingest.IngestController} (HTTP), {@link
 * com.kingcdn.origin.ingest.Ingestor} (a stream of buffers into the store).
 */
@NullMarked
package com.kingcdn.origin.ingest;

import org.jspecify.annotations.NullMarked;
