/**
 * Files whose content survives a crash at any moment, and directories that one process has for itself.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.storage.DurableFile}, {@link com.kingcdn.storage.DirectoryLock}.
 */
@NullMarked
package com.kingcdn.storage;

import org.jspecify.annotations.NullMarked;
