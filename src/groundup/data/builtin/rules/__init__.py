"""The rules of the grammar, in the notation of `groundup.data.builtin.notation`."""
