/**
 * The certificates that this edge shows, one for each customer host, read from files and read again when they change.
 *
 * <p>A certificate that cannot be used concerns its own host only: what was there before it stays, and all other hosts never notice.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.edge.tls.CertificateDirectory}.
 */
@NullMarked
package com.kingcdn.edge.tls;

import org.jspecify.annotations.NullMarked;
