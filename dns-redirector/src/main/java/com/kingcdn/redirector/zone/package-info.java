/**
 * What names mean: zones from master files, the handover of customer hosts to edge hostnames, and the answers they make.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.zone.ServingSnapshot}, all that a query is answered from;
 * {@link com.kingcdn.redirector.zone.NameServer}, the algorithm of RFC 1034 section 4.3.2;
 * {@link com.kingcdn.redirector.zone.HandoffTable}, its answers for edge hostnames and customer hosts kept as ready bytes. DNS types
 * are dnsjava's.
 */
@NullMarked
package com.kingcdn.redirector.zone;

import org.jspecify.annotations.NullMarked;
