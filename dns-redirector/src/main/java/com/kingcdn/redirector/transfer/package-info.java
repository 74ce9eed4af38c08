/**
 * Zones in their dealings with other name servers: what each zone is now and lately was, transfers of it (RFC 5936, RFC 1995), notice of
 * changes (RFC 1996), updates (RFC 2136), copies of others' zones, and the signatures on all of these (RFC 8945).
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.transfer.LiveZones}, the zones as they are now;
 * {@link com.kingcdn.redirector.transfer.ZoneRequestHandler}, what is done with a message that is no plain question.
 */
@NullMarked
package com.kingcdn.redirector.transfer;

import org.jspecify.annotations.NullMarked;
