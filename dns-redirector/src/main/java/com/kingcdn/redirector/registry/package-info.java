/**
 * What the redirector has been told: configuration from the file and the API, the numbered log of purges and fills, and what edges
 * answered to it.
 *
 * <p>Every change is one {@link com.kingcdn.redirector.registry.ControlChange}, made durable by a
 * {@link com.kingcdn.redirector.registry.ControlStore} before it is acknowledged, and applied to the registries only then: nobody sees
 * what a crash could take back. The registries are the memory of that log; replaying it makes them again.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.registry.ConfigRegistry},
 * {@link com.kingcdn.redirector.registry.EventLog}, {@link com.kingcdn.redirector.registry.JournalControlStore}.
 */
@NullMarked
package com.kingcdn.redirector.registry;

import org.jspecify.annotations.NullMarked;
