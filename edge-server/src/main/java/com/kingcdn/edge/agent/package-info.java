/**
 * The edge's part in the control plane: applies what redirectors say, remembers it over restarts, and reports back.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.agent.EdgeAgent}, {@link com.kingcdn.edge.agent.EventApplier}.
 */
@NullMarked
package com.kingcdn.edge.agent;

import org.jspecify.annotations.NullMarked;
