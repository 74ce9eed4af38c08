/**
 * The one way from what the redirector knows to what it answers: compiles snapshots and swaps them.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.publish.SnapshotPublisher}.
 */
@NullMarked
package com.kingcdn.redirector.publish;

import org.jspecify.annotations.NullMarked;
