/**
 * Files whose content survives a crash at any moment.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.storage.DurableFile}.
 */
@NullMarked
package com.kingcdn.storage;

import org.jspecify.annotations.NullMarked;
