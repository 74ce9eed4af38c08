/**
 * The sockets that queries come in by: UDP, TCP, DNS over TLS and HTTPS; and the calls of the control API that come in thousands. The only
 * package that knows Netty.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.redirector.server.DnsListeners}, which opens all of them and closes them again. Each
 * passes bytes to the {@link com.kingcdn.redirector.query.QueryHandler} on its event loop and writes back what comes. {@link
 * com.kingcdn.redirector.server.DirectRoutes} stand in the control API's server, before its controllers.
 */
@NullMarked
package com.kingcdn.redirector.server;

import org.jspecify.annotations.NullMarked;
