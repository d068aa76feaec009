"""An autoencoder of emoji pictures: trained, saved, and what it draws."""
